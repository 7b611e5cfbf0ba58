// What the server is told of the user's settings. The words are those of kalc.toml; the server reads them and complains.

/** Reads one setting of the section `kalc`. */
export type Read = (name: string) => unknown;

/** The settings that the server goes by. */
export const SHARED = ['target', 'profiles', 'rules', 'configId'] as const;

/** The section as the server takes it: what is empty is left out, so that it says what is set and nothing else. */
export function forServer(read: Read): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const name of SHARED) {
    const value = read(name);
    if (!isEmpty(value)) {
      settings[name] = typeof value === 'string' ? value.trim() : value;
    }
  }
  return settings;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) {
    return true;
  }
  if (typeof value === 'string') {
    return value.trim() === '';
  }
  return typeof value === 'object' && Object.keys(value).length === 0;
}
