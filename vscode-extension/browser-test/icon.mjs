// icon.mjs: makes images/icon.png of images/icon.svg, in the size that VS Code asks for. Needs Chromium.
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { CHROMIUM } from './chromium.mjs';

const size = 128;
const images = new URL('../images/', import.meta.url);
const browser = await chromium.launch(CHROMIUM);
try {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body { margin: 0 }</style>${readFileSync(new URL('icon.svg', images), 'utf8')}`);
  writeFileSync(new URL('icon.png', images), await page.screenshot({ omitBackground: true }));
} finally {
  await browser.close();
}
