// Starts `kalc lsp` for keepalived's configurations and offers its commands. All that is known of the language is in kalc.
import * as vscode from 'vscode';
import * as commands from './commands';
import { Pages } from './pages';
import { Server } from './server';
import { look } from './status';

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): Promise<void> {
  const running = new Server(context.extensionUri);
  const pages = new Pages(running);
  server = running;
  context.subscriptions.push(
    running,
    statusBar(running),
    ...pages.register(),
    ...commands.register(running, pages),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('kalc.path')) {
        void running.restart();
      } else if (change.affectsConfiguration('kalc')) {
        void running.configure();
      }
    }),
  );
  return running.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
  server = undefined;
}

function statusBar(server: Server): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('kalc', vscode.StatusBarAlignment.Right, 100);
  item.name = 'kalc';
  item.command = commands.MENU;
  let needsUser = false;
  // In a window about something else it only shows when something is wrong.
  const place = () => {
    if (needsUser || vscode.window.activeTextEditor?.document.languageId === 'keepalived') {
      item.show();
    } else {
      item.hide();
    }
  };
  const change = server.onDidChange((state) => {
    const { text, tooltip, level } = look(state);
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor =
      level === 'plain' ? undefined : new vscode.ThemeColor(`statusBarItem.${level}Background`);
    needsUser = level !== 'plain';
    place();
  });
  return vscode.Disposable.from(item, change, vscode.window.onDidChangeActiveTextEditor(place));
}
