// Addresses of the documents that the server makes.
import * as vscode from 'vscode';

export const MEANING = 'kalc-ir';
export const RULE = 'kalc-rule';

/** What a file means, as JSON. */
export function meaningOf(file: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({ scheme: MEANING, path: `${file.path}.json`, query: file.toString() });
}

/** The page of a rule. The manifest has such addresses shown as a page, not as Markdown's text. */
export function rulePage(code: string): vscode.Uri {
  return vscode.Uri.from({ scheme: RULE, path: `/${code}.md` });
}
