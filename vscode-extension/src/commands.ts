// The commands of the palette, and the quick fix that explains.
//
// Their names differ from those that the server executes (`kalc.showIr`, ...), which the client library registers itself.
import * as vscode from 'vscode';
import { codes, configIdChoices, type ConfigIds } from './choices';
import type { Pages } from './pages';
import { type Server, setting } from './server';

export const MENU = 'kalc.menu';
const LANGUAGE = 'keepalived';

export function register(server: Server, pages: Pages): vscode.Disposable[] {
  const command = (name: string, run: (...args: never[]) => Promise<void>) =>
    vscode.commands.registerCommand(name, async (...args: never[]) => {
      try {
        await run(...args);
      } catch (error) {
        void vscode.window.showErrorMessage(`kalc: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  return [
    command('kalc.restart', () => server.restart()),
    command('kalc.openMeaning', async () => {
      const file = current();
      if (file !== undefined) {
        await pages.showMeaning(file.uri);
      }
    }),
    command('kalc.openRule', async (code?: string) => {
      const wanted = code ?? (await askRule());
      if (wanted !== undefined) {
        await pages.showRule(wanted);
      }
    }),
    command('kalc.chooseConfigId', () => chooseConfigId(server)),
    command('kalc.format', async () => {
      if (current() !== undefined) {
        await vscode.commands.executeCommand('editor.action.formatDocument');
      }
    }),
    command('kalc.showLog', async () => server.showLog()),
    command(MENU, menu),
    vscode.languages.registerCodeActionsProvider(LANGUAGE, { provideCodeActions: explanations }, {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
  ];
}

/** The configuration in front of the user; without one this is said. */
function current(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId === LANGUAGE) {
    return document;
  }
  void vscode.window.showInformationMessage('kalc: this is for a file whose language is keepalived; open one first.');
  return undefined;
}

async function menu(): Promise<void> {
  const entries = [
    { label: '$(json) Show what this file means (IR)', command: 'kalc.openMeaning' },
    { label: '$(book) Explain a rule', command: 'kalc.openRule' },
    { label: '$(list-selection) Choose the configuration id', command: 'kalc.chooseConfigId' },
    { label: '$(output) Show the log', command: 'kalc.showLog' },
    { label: '$(debug-restart) Restart the language server', command: 'kalc.restart' },
  ];
  const chosen = await vscode.window.showQuickPick(entries, { title: 'kalc' });
  if (chosen !== undefined) {
    await vscode.commands.executeCommand(chosen.command);
  }
}

/** A rule among those that complain about this file, the ones at the cursor first, or any that is typed. */
async function askRule(): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  const found = editor === undefined ? [] : vscode.languages.getDiagnostics(editor.document.uri);
  const here = found.filter((diagnostic) => editor !== undefined && diagnostic.range.intersection(editor.selection) !== undefined);
  const known = codes([...here, ...found]);
  const other = 'Another rule...';
  if (known.length > 0) {
    const items = known.map(({ code, message }) => ({ label: code, description: message }));
    const chosen = await vscode.window.showQuickPick([...items, { label: other, description: '' }], { title: 'Explain a rule' });
    if (chosen === undefined || chosen.label !== other) {
      return chosen?.label;
    }
  }
  const typed = await vscode.window.showInputBox({ title: 'Explain a rule', prompt: 'Its code or name', placeHolder: 'KA601' });
  return typed?.trim() === '' ? undefined : typed?.trim();
}

async function chooseConfigId(server: Server): Promise<void> {
  const file = current();
  if (file === undefined) {
    return;
  }
  const answer = await server.execute<ConfigIds>('kalc.configIds', file.uri.toString());
  const choices = configIdChoices(answer, setting<string>('configId', ''));
  const chosen = await vscode.window.showQuickPick(choices, { title: 'Read files as the host with this configuration id' });
  if (chosen === undefined) {
    return;
  }
  if (vscode.workspace.workspaceFolders === undefined) {
    // There is no place to keep it for these files only.
    await server.execute('kalc.setConfigId', chosen.id === '' ? null : chosen.id);
    return;
  }
  const target = vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration('kalc').update('configId', chosen.id === '' ? undefined : chosen.id, target);
}

function explanations(
  _document: vscode.TextDocument,
  _range: vscode.Range,
  context: vscode.CodeActionContext,
): vscode.CodeAction[] {
  return codes(context.diagnostics).map(({ code }) => {
    const action = new vscode.CodeAction(`Explain ${code}`, vscode.CodeActionKind.QuickFix);
    action.command = { title: action.title, command: 'kalc.openRule', arguments: [code] };
    action.diagnostics = context.diagnostics.filter((diagnostic) => codes([diagnostic])[0]?.code === code);
    return action;
  });
}
