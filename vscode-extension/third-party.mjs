// third-party.mjs META OUT: the licences of what the bundle contains, as esbuild's list of inputs (META) has it. A package
// without a licence text stops the build.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [meta, out] = process.argv.slice(2);
const inputs = Object.keys(JSON.parse(readFileSync(meta, 'utf8')).inputs);
const folders = new Set(inputs.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean));
const sections = [...folders].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) {
    throw new Error(`${name} ${version} (${license}) has no licence text`);
  }
  return `${name} ${version} (${license})\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
});
if (sections.length === 0) {
  throw new Error(`${meta} names no package`);
}
writeFileSync(out, `dist/extension.js contains these packages.\n\n${sections.join(`\n${'-'.repeat(100)}\n\n`)}`);
