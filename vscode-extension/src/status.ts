// What the status bar says.

export type State =
  | { is: 'starting' }
  | { is: 'running'; version: string; program: string; configId: string }
  | { is: 'missing'; why: string }
  | { is: 'stopped'; why: string };

/** Text, tooltip, and whether something needs the user. */
export interface Look {
  text: string;
  tooltip: string;
  level: 'plain' | 'warning' | 'error';
}

export function look(state: State): Look {
  switch (state.is) {
    case 'starting':
      return { text: '$(loading~spin) kalc', tooltip: 'The language server is starting', level: 'plain' };
    case 'running': {
      const id = state.configId === '' ? '' : ` @${state.configId}`;
      const which = state.configId === '' ? '' : `\nconfiguration id: ${state.configId}`;
      const tooltip = `kalc ${state.version}\n${state.program}${which}`;
      return { text: `$(check) kalc${id}`, tooltip, level: 'plain' };
    }
    case 'missing':
      return { text: '$(warning) kalc: not found', tooltip: state.why, level: 'warning' };
    case 'stopped':
      return { text: '$(error) kalc: stopped', tooltip: state.why, level: 'error' };
  }
}
