// run.mjs INSTALLED KALC VSIX PICTURES: the packaged extension in a real VS Code in a real browser, on copies of examples/.
//
// INSTALLED is the folder of install.sh, KALC the program, PICTURES a folder for screenshots. Every step asserts what a
// user would see; the first one that fails leaves a picture of the moment.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeServer, configure, Editor } from './editor.mjs';
import { steps } from './steps.mjs';

const [installed, kalc, vsix, pictures] = process.argv.slice(2).map((name) => path.resolve(name));
assert.ok(pictures, 'run.mjs INSTALLED KALC VSIX PICTURES');
const only = process.env.KALC_STEP;
const home = mkdtempSync(path.join(tmpdir(), 'kalc-editor-'));
const workspace = path.join(home, 'hosts');
mkdirSync(pictures, { recursive: true });
for (const files of ['../../examples', 'hosts']) {
  cpSync(new URL(files, import.meta.url), workspace, { recursive: true });
}

const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(1).padStart(6);
const server = new CodeServer(installed, path.join(home, 'state'), kalc);
// Only some names are keepalived's for sure; a project says which others are.
const usual = { 'kalc.path': kalc, 'files.associations': { '**/mistakes/*.conf': 'keepalived' } };
configure(workspace, usual);
let editor;
let failed = false;
try {
  server.install(vsix);
  console.log(`${seconds()} s  installed ${path.basename(vsix)}`);
  await server.start();
  editor = await Editor.open(server, workspace, path.join(home, 'browser'));
  const test = {
    editor,
    server,
    kalc,
    workspace,
    configure: (settings) => configure(workspace, { ...usual, ...settings }),
    picture: (name) => editor.shot(path.join(pictures, `${name}.png`)),
  };
  await editor.load('mismatch/b/keepalived.conf');
  console.log(`${seconds()} s  the editor is there`);
  for (const [name, step] of Object.entries(steps)) {
    if (only === undefined || only === name) {
      await step(test);
      assert.deepEqual(await editor.notifications(), [], `after ${name}`);
      console.log(`${seconds()} s  ${name}`);
    }
  }
} catch (error) {
  failed = true;
  console.error(error);
  await editor?.shot(path.join(pictures, 'failed.png')).catch(() => undefined);
  writeFileSync(path.join(pictures, 'failed.log'), readFileSync(server.log ?? server.config, 'utf8'));
} finally {
  await editor?.close().catch(() => undefined);
  await server.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exitCode = failed ? 1 : 0;
