// Starts `kalc lsp` for keepalived's configurations. All that is known of the language is in kalc.
import { accessSync, constants, statSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';

let client: LanguageClient | undefined;
// Starts and stops come one after the other, whatever the user does in between.
let turn: Promise<void> = Promise.resolve();

export function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand('kalc.restart', restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('kalc.path')) {
        void restart();
      }
    }),
  );
  return restart();
}

export function deactivate(): Promise<void> {
  return next(stop);
}

function restart(): Promise<void> {
  return next(async () => {
    await stop();
    await start();
  });
}

function next(step: () => Promise<void>): Promise<void> {
  turn = turn.then(step, step);
  return turn;
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}

async function start(): Promise<void> {
  const wanted = vscode.workspace.getConfiguration('kalc').get<string>('path', '').trim();
  const command = find(wanted);
  if (command === undefined) {
    void tellMissing(wanted);
    return;
  }
  const server: ServerOptions = { command, args: ['lsp'] };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: 'keepalived' }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/{*.conf,kalc.toml}') },
  };
  const starting = new LanguageClient('kalc', 'kalc', server, options);
  client = starting;
  try {
    await starting.start();
  } catch (error) {
    client = undefined;
    void vscode.window.showErrorMessage(`kalc: ${command} lsp did not start: ${String(error)}`);
  }
}

/** The program that was asked for, or the one on PATH. */
function find(wanted: string): string | undefined {
  const home = process.env.HOME ?? process.env.USERPROFILE ?? '';
  const given = wanted.startsWith('~/') ? path.join(home, wanted.slice(2)) : wanted;
  if (given.includes('/') || given.includes(path.sep)) {
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? process.cwd();
    const file = path.resolve(root, given);
    return isProgram(file) ? file : undefined;
  }
  const name = given === '' ? 'kalc' : given;
  const names = process.platform === 'win32' ? [`${name}.exe`, name] : [name];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((file) => path.join(folder, file))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

async function tellMissing(wanted: string): Promise<void> {
  const settings = 'Open settings';
  const message =
    wanted === ''
      ? 'kalc: the program `kalc` is not on PATH. Install it (cargo install kalc), or set `kalc.path`.'
      : `kalc: \`kalc.path\` is "${wanted}", and there is no such program.`;
  if ((await vscode.window.showErrorMessage(message, settings)) === settings) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'kalc.path');
  }
}
