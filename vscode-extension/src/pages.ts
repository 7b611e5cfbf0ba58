// Documents that the server makes: what a file means, as JSON, and the pages of rules, as Markdown. Nobody edits them.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { MEANING, meaningOf, RULE, rulePage } from './addresses';
import type { Server } from './server';

export class Pages implements vscode.TextDocumentContentProvider {
  private readonly stale = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.stale.event;

  constructor(private readonly server: Server) {}

  register(): vscode.Disposable[] {
    return [
      this.stale,
      ...[MEANING, RULE].map((scheme) => vscode.workspace.registerTextDocumentContentProvider(scheme, this)),
      vscode.workspace.onDidSaveTextDocument(() => this.renew()),
      this.server.onDidChange((state) => {
        if (state.is === 'running') {
          this.renew();
        }
      }),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    if (uri.scheme === RULE) {
      return this.server.execute<string>('kalc.explainRule', path.posix.basename(uri.path, '.md'));
    }
    return this.server.execute<string>('kalc.showIr', uri.query);
  }

  /** What a file means, beside it; it follows when files are saved. */
  async showMeaning(file: vscode.Uri): Promise<void> {
    const uri = meaningOf(file);
    this.stale.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'json');
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: true });
  }

  /** The page of a rule, as it is meant to be read. */
  async showRule(code: string): Promise<void> {
    // Asked for first, so that a word that is no rule is told and opens nothing.
    await this.server.execute<string>('kalc.explainRule', code);
    await vscode.commands.executeCommand('vscode.open', rulePage(code), vscode.ViewColumn.Beside);
  }

  private renew(): void {
    for (const document of vscode.workspace.textDocuments) {
      if (document.uri.scheme === MEANING) {
        this.stale.fire(document.uri);
      }
    }
  }
}
