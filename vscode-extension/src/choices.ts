// What lists of choices hold.

/** A diagnostic, as far as it matters here. */
interface Finding {
  source?: string;
  code?: string | number | { value: string | number };
  message: string;
}

/** The rules that speak in some diagnostics, each once, in order, with the first line of what the first one says. */
export function codes(diagnostics: readonly Finding[]): { code: string; message: string }[] {
  const found = new Map<string, string>();
  for (const { source, code, message } of diagnostics) {
    const value = typeof code === 'object' ? code.value : code;
    if (source === 'kalc' && typeof value === 'string' && !found.has(value)) {
      found.set(value, message.split('\n', 1)[0] ?? '');
    }
  }
  return [...found].map(([code, message]) => ({ code, message }));
}

/** What the server says of a file's configuration ids. */
export interface ConfigIds {
  ids: string[];
  chosen: string | null;
}

/** One id to choose; the empty one is none. */
export interface Choice {
  label: string;
  description: string;
  id: string;
}

/** The ids that a file names, the one that the settings have, and none. */
export function configIdChoices(known: ConfigIds, configured: string): Choice[] {
  const chosen = known.chosen ?? configured;
  const mark = (id: string) => (id === chosen ? 'chosen' : '');
  const ids = chosen === '' || known.ids.includes(chosen) ? known.ids : [...known.ids, chosen];
  const none = { label: 'every id', description: mark('') || 'read the file once for each id that it names', id: '' };
  const strange = (id: string) => (known.ids.includes(id) ? '' : ', which this file does not name');
  return [none, ...ids.map((id) => ({ label: id, description: mark(id) + strange(id), id }))];
}
