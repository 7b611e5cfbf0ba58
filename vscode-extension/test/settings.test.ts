import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { forServer, SHARED } from '../src/settings';

interface Manifest {
  engines: { vscode: string };
  contributes: {
    configuration: { properties: Record<string, { default: unknown; enum?: unknown[] }> };
    commands: { command: string }[];
    languages: { filenames: string[]; filenamePatterns: string[] }[];
  };
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

function given(settings: Record<string, unknown>) {
  return forServer((name) => settings[name]);
}

test('what is empty is not told', () => {
  assert.deepEqual(given({}), {});
  assert.deepEqual(given({ target: ' ', profiles: [], rules: {}, configId: null }), {});
});

test('what is set is told in the words of kalc.toml', () => {
  const settings = { target: ' keepalived-2.2.7 ', profiles: ['aws'], rules: { KA505: 'off' }, configId: 'web1' };
  assert.deepEqual(given(settings), { ...settings, target: 'keepalived-2.2.7' });
});

test('what is only for the editor stays there', () => {
  assert.deepEqual(given({ path: '/usr/bin/kalc', 'trace.server': 'verbose', target: 'kalc' }), { target: 'kalc' });
});

test('every shared setting is in the manifest, and its default is told as nothing', () => {
  const { properties } = manifest.contributes.configuration;
  for (const name of SHARED) {
    assert.ok(`kalc.${name}` in properties, name);
    assert.deepEqual(given({ [name]: properties[`kalc.${name}`]?.default }), {}, name);
  }
});

test('the language is chosen for the names that keepalived and its users give', () => {
  const [language] = manifest.contributes.languages;
  assert.deepEqual(language?.filenames, ['keepalived.conf']);
  assert.deepEqual(language?.filenamePatterns, ['*.keepalived.conf', '/etc/keepalived/**/*.conf']);
});

test('no editor is promised that the client library refuses', () => {
  const client = readFileSync('node_modules/vscode-languageclient/package.json', 'utf8');
  const { engines } = JSON.parse(client) as Manifest;
  const minor = (range: string) => Number(/^\^1\.(\d+)\./.exec(range)?.[1]);
  assert.ok(minor(manifest.engines.vscode) >= minor(engines.vscode), `${manifest.engines.vscode}, ${engines.vscode}`);
});

test('the pictures that are shown exist and are small', () => {
  const pages = ['README.md', '../README.md'].map((page) => readFileSync(page, 'utf8')).join('\n');
  const pictures = [...pages.matchAll(/\]\((?:vscode-extension\/)?(images\/[^)]+)\)/g)].map(([, picture]) => picture ?? '');
  assert.ok(pictures.length >= 5, pictures.join(' '));
  for (const picture of pictures) {
    assert.ok(statSync(picture).size < 150_000, picture);
  }
});

test('every command of the manifest is registered, and none has the name of one that the server executes', () => {
  const source = readFileSync('src/commands.ts', 'utf8');
  for (const { command } of manifest.contributes.commands) {
    assert.ok(source.includes(`'${command}'`), command);
    assert.ok(!['kalc.showIr', 'kalc.explainRule', 'kalc.configIds', 'kalc.setConfigId'].includes(command), command);
  }
});
