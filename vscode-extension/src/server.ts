// The life of `kalc lsp`: found, started, told of settings, ended.
import * as os from 'node:os';
import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, State as ClientState } from 'vscode-languageclient/node';
import type { ErrorHandler, LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import { rulePage } from './addresses';
import { find, missing } from './binary';
import { codes } from './choices';
import { forServer } from './settings';
import type { State } from './status';

/** Deaths within this time after which the server stays down. */
const CRASHES = { most: 4, within: 3 * 60 * 1000 };

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  // Starts and stops come one after the other, whatever the user does in between.
  private turn: Promise<void> = Promise.resolve();
  private readonly changed = new vscode.EventEmitter<State>();
  private readonly log = vscode.window.createOutputChannel('kalc', { log: true });
  readonly onDidChange = this.changed.event;

  constructor(private readonly extension: vscode.Uri) {}

  restart(): Promise<void> {
    return this.next(async () => {
      await this.end();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    return this.next(() => this.end());
  }

  dispose(): void {
    this.changed.dispose();
    this.log.dispose();
  }

  /** Tells the server what the settings are now. */
  async configure(): Promise<void> {
    const client = this.client;
    if (client?.state === ClientState.Running) {
      await client.sendNotification('workspace/didChangeConfiguration', { settings: { kalc: settings() } });
      this.running(client);
    }
  }

  /** Has the server execute a command; fails with what to tell the user. */
  async execute<T>(command: string, ...args: unknown[]): Promise<T> {
    const client = this.client;
    if (client?.state !== ClientState.Running) {
      throw new Error('the language server does not run');
    }
    return client.sendRequest<T>('workspace/executeCommand', { command, arguments: args });
  }

  showLog(): void {
    this.log.show();
  }

  private next(step: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(step, step);
    return this.turn;
  }

  private async end(): Promise<void> {
    const ending = this.client;
    this.client = undefined;
    // A server that never came up cannot be asked to stop.
    await ending?.dispose().catch((error: unknown) => this.log.warn(`the server did not end in good order: ${String(error)}`));
  }

  private async begin(): Promise<void> {
    const wanted = setting<string>('path', '');
    const search = find({
      wanted,
      searchPath: process.env.PATH ?? '',
      home: os.homedir(),
      folder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? process.cwd(),
      extension: this.extension.fsPath,
      windows: process.platform === 'win32',
    });
    if (search.found === undefined) {
      const why = missing(wanted, search);
      this.log.error(why);
      search.looked.forEach((file) => this.log.debug(`looked for ${file}`));
      this.changed.fire({ is: 'missing', why });
      void this.tellMissing(why);
      return;
    }
    this.log.info(`starting ${search.found} (from ${search.origin})`);
    const server: ServerOptions = { command: search.found, args: ['lsp'] };
    const options: LanguageClientOptions = {
      documentSelector: [{ language: 'keepalived' }],
      initializationOptions: settings(),
      errorHandler: this.errors(),
      middleware: {
        handleDiagnostics: (uri, diagnostics, next) => next(uri, diagnostics.map(linked)),
        provideDiagnostics: async (document, previous, token, next) => {
          const report = await next(document, previous, token);
          return report?.kind === 'full' ? { ...report, items: report.items.map(linked) } : report;
        },
      },
      outputChannel: this.log,
    };
    this.changed.fire({ is: 'starting' });
    const client = new LanguageClient('kalc', 'kalc', server, options);
    this.client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) {
        return;
      }
      if (newState === ClientState.Starting) {
        this.changed.fire({ is: 'starting' });
      } else if (newState === ClientState.Running) {
        this.program = search.found;
        this.running(client);
      }
    });
    try {
      await client.start();
    } catch (error) {
      this.client = undefined;
      const why = `${search.found} lsp did not start: ${error instanceof Error ? error.message : String(error)}`;
      this.changed.fire({ is: 'stopped', why });
      void this.tellStopped(why);
    }
  }

  private program = '';

  private running(client: LanguageClient): void {
    const version = client.initializeResult?.serverInfo?.version ?? '';
    this.changed.fire({ is: 'running', version, program: this.program, configId: setting<string>('configId', '') });
  }

  private errors(): ErrorHandler {
    let deaths: number[] = [];
    return {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => {
        const now = Date.now();
        deaths = [...deaths.filter((then) => now - then < CRASHES.within), now];
        if (deaths.length < CRASHES.most) {
          return { action: CloseAction.Restart, handled: true };
        }
        const why = `The language server ended ${deaths.length} times in ${CRASHES.within / 60_000} minutes and is not started again.`;
        this.changed.fire({ is: 'stopped', why });
        void this.tellStopped(why);
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  private async tellMissing(why: string): Promise<void> {
    const [open, how] = ['Open settings', 'How to install'];
    const answer = await vscode.window.showErrorMessage(`kalc: ${why}`, open, how);
    if (answer === open) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'kalc.path');
    } else if (answer === how) {
      await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(this.extension, 'README.md'));
    }
  }

  private async tellStopped(why: string): Promise<void> {
    const [again, log] = ['Restart', 'Show log'];
    const answer = await vscode.window.showErrorMessage(`kalc: ${why}`, again, log);
    if (answer === again) {
      await this.restart();
    } else if (answer === log) {
      this.showLog();
    }
  }
}

/** A setting of the section `kalc`. */
export function setting<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration('kalc').get<T>(name, otherwise);
}

/** The code of a finding as a link to the rule's page, here and not on the web. */
function linked(diagnostic: vscode.Diagnostic): vscode.Diagnostic {
  const [rule] = codes([diagnostic]);
  if (rule !== undefined) {
    diagnostic.code = { value: rule.code, target: rulePage(rule.code) };
  }
  return diagnostic;
}

function settings(): Record<string, unknown> {
  return forServer((name) => setting<unknown>(name, undefined));
}
