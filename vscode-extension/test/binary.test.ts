import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { find, missing, type Surroundings } from '../src/binary';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'kalc-binary-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Makes a file; without `runs` nobody may execute it. */
function file(name: string, runs = true): string {
  const whole = path.join(root, name);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, '#!/bin/sh\n');
  chmodSync(whole, runs ? 0o755 : 0o644);
  return whole;
}

function search(given: Partial<Surroundings>) {
  const at = (name: string) => path.join(root, name);
  return find({
    wanted: '',
    searchPath: [at('a'), at('b')].join(':'),
    home: at('home'),
    folder: at('project'),
    extension: at('extension'),
    windows: false,
    ...given,
  });
}

test('the first program on PATH', () => {
  file('a/kalc', false);
  const second = file('b/kalc');
  assert.deepEqual(search({}), { found: second, origin: 'PATH' });
  const first = file('a/kalc');
  assert.deepEqual(search({}), { found: first, origin: 'PATH' });
});

test('the one that the package brings comes behind PATH', () => {
  const bundled = file('extension/bin/kalc');
  assert.deepEqual(search({}), { found: bundled, origin: 'extension' });
  const onPath = file('b/kalc');
  assert.deepEqual(search({}), { found: onPath, origin: 'PATH' });
});

test('a setting counts before all, and nothing takes its place', () => {
  file('a/kalc');
  file('extension/bin/kalc');
  const own = file('own/kalc-nightly');
  assert.deepEqual(search({ wanted: ` ${own} ` }), { found: own, origin: 'setting' });
  assert.equal(search({ wanted: `${own}-gone` }).found, undefined);
});

test('a setting may be a name, below home, or below the project', () => {
  const named = file('b/kalc-nightly');
  assert.equal(search({ wanted: 'kalc-nightly' }).found, named);
  const home = file('home/bin/kalc');
  assert.equal(search({ wanted: '~/bin/kalc' }).found, home);
  const project = file('project/tools/kalc');
  assert.equal(search({ wanted: './tools/kalc' }).found, project);
  assert.equal(search({ wanted: 'tools/kalc' }).found, project);
});

test('a folder is no program, and a relative entry of PATH is not searched', () => {
  mkdirSync(path.join(root, 'a/kalc'), { recursive: true });
  assert.equal(search({ searchPath: `${path.join(root, 'a')}:.:` }).found, undefined);
});

test('on Windows programs end in .exe and PATH is cut at semicolons', () => {
  const program = file('b/kalc.exe');
  const searchPath = [path.join(root, 'a'), path.join(root, 'b')].join(';');
  assert.equal(search({ windows: true, searchPath }).found, program);
  assert.equal(search({ windows: true, searchPath, wanted: program }).found, program);
});

test('what is told names the reason', () => {
  const nothing = search({});
  assert.ok(nothing.found === undefined);
  assert.match(missing('', nothing), /not found on PATH.*cargo install kalc.*kalc\.path/);
  const gone = search({ wanted: '/nowhere/kalc' });
  assert.ok(gone.found === undefined);
  assert.match(missing('/nowhere/kalc', gone), /`kalc\.path` is "\/nowhere\/kalc"/);
  const broken = file('a/kalc', false);
  const found = search({});
  assert.ok(found.found === undefined);
  assert.match(missing('', found), /cannot be run/);
  assert.ok(missing('', found).includes(broken));
});
