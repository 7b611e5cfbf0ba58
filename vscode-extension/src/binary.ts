// Where the program is: what the setting says, else on PATH, else the one that came with the extension. Knows nothing of
// the editor, so that tests can ask it.
import { accessSync, constants, statSync } from 'node:fs';
import * as path from 'node:path';

/** Where to look, and in which machine. */
export interface Surroundings {
  /** The setting `kalc.path`, as typed. */
  wanted: string;
  /** The variable `PATH`. */
  searchPath: string;
  home: string;
  /** What a path of the setting that is not absolute starts from. */
  folder: string;
  /** The folder of the extension. */
  extension: string;
  windows: boolean;
}

export type Origin = 'setting' | 'PATH' | 'extension';

export type Search =
  | { found: string; origin: Origin }
  /** `broken` is a file that is there and is no program. */
  | { found: undefined; looked: string[]; broken: string | undefined };

/** Finds the program. A setting that leads nowhere is not replaced by something else. */
export function find(where: Surroundings): Search {
  const wanted = where.wanted.trim();
  if (wanted !== '') {
    const given = wanted === '~' || wanted.startsWith('~/') ? path.join(where.home, wanted.slice(1)) : wanted;
    const isPath = given.includes('/') || given.includes(path.sep);
    return first(isPath ? names(path.resolve(where.folder, given), where) : onPath(given, where), 'setting');
  }
  const found = first(onPath('kalc', where), 'PATH');
  if (found.found !== undefined) {
    return found;
  }
  const bundled = first(names(path.join(where.extension, 'bin', 'kalc'), where), 'extension');
  return bundled.found !== undefined ? bundled : { ...found, broken: found.broken ?? bundled.broken };
}

/** What to tell when there is no program. */
export function missing(wanted: string, search: Search & { found: undefined }): string {
  if (search.broken !== undefined) {
    return `${search.broken} cannot be run: it is no program, or you may not execute it.`;
  }
  return wanted.trim() === ''
    ? 'The program `kalc` was not found on PATH, and this package brings none. Install it (cargo install kalc), or set `kalc.path` to it.'
    : `The setting \`kalc.path\` is "${wanted.trim()}", and there is no such program. Correct it, or empty it to use the one on PATH.`;
}

function onPath(name: string, where: Surroundings): string[] {
  const folders = where.searchPath.split(where.windows ? ';' : ':').filter((folder) => path.isAbsolute(folder));
  return folders.flatMap((folder) => names(path.join(folder, name), where));
}

function names(file: string, where: Surroundings): string[] {
  return where.windows && !file.toLowerCase().endsWith('.exe') ? [`${file}.exe`, file] : [file];
}

function first(candidates: string[], origin: Origin): Search {
  const found = candidates.find((file) => kind(file) === 'program');
  return found !== undefined
    ? { found, origin }
    : { found, looked: candidates, broken: candidates.find((file) => kind(file) === 'other') };
}

function kind(file: string): 'program' | 'other' | 'nothing' {
  try {
    if (!statSync(file).isFile()) {
      return 'nothing';
    }
  } catch {
    return 'nothing';
  }
  try {
    accessSync(file, constants.X_OK);
    return 'program';
  } catch {
    return 'other';
  }
}
