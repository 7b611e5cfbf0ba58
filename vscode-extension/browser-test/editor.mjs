// A real VS Code (code-server) with the extension in it, and a real browser in front of it.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { CHROMIUM } from './chromium.mjs';

/** Writes the settings of a workspace; an editor sees changes while it runs. */
export function configure(workspace, settings) {
  mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  writeFileSync(path.join(workspace, '.vscode/settings.json'), JSON.stringify(settings, null, 2));
}

/** How long anything may take; machines that test have other work. */
export const PATIENCE = 120_000;

/** Settings under which a picture shows the editor and nothing that changes. */
const SETTINGS = {
  'breadcrumbs.enabled': false,
  'chat.disableAIFeatures': true,
  'editor.cursorBlinking': 'solid',
  'editor.fontFamily': 'DejaVu Sans Mono',
  'editor.fontSize': 14,
  'editor.minimap.enabled': false,
  'editor.hover.above': false,
  'editor.hover.delay': 100,
  'editor.lightbulb.enabled': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': 'off',
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'window.commandCenter': false,
  'workbench.colorTheme': 'Dark Modern',
  'workbench.layoutControl.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** The editor's server. */
export class CodeServer {
  /** `installed` is what install.sh made, `state` a folder for everything that this run leaves, `kalc` the program. */
  constructor(installed, state, kalc) {
    this.kalc = kalc;
    this.node = path.join(installed, 'node/bin/node');
    this.state = state;
    this.config = path.join(state, 'config.yaml');
    const settings = path.join(state, 'data/User/settings.json');
    mkdirSync(path.dirname(settings), { recursive: true });
    writeFileSync(settings, JSON.stringify(SETTINGS, null, 2));
    writeFileSync(this.config, 'bind-addr: 127.0.0.1:0\nauth: none\ncert: false\n');
    this.args = [
      path.join(installed, 'node_modules/code-server/out/node/entry.js'),
      ...['--config', this.config, '--user-data-dir', path.join(state, 'data'), '--extensions-dir', path.join(state, 'ext')],
      ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--disable-getting-started-override'],
    ];
    // Nothing of whoever runs this, so that it is the same everywhere.
    this.env = { PATH: '/usr/bin:/bin', HOME: state, LANG: 'C.UTF-8' };
  }

  install(vsix) {
    const run = spawnSync(this.node, [...this.args, '--install-extension', vsix], { env: this.env, encoding: 'utf8' });
    if (run.status !== 0) {
      throw new Error(`${vsix} cannot be installed: ${run.stdout}${run.stderr}`);
    }
  }

  async start() {
    this.port = await freePort();
    this.log = path.join(this.state, 'code-server.log');
    const log = openSync(this.log, 'a');
    this.child = spawn(this.node, [...this.args, '--bind-addr', `127.0.0.1:${this.port}`], {
      env: this.env,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const end = Date.now() + PATIENCE;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
      if (answer?.ok) {
        return;
      }
      if (Date.now() > end || this.child.exitCode !== null) {
        throw new Error(`the editor does not start:\n${readFileSync(this.log, 'utf8')}`);
      }
      await sleep(100);
    }
  }

  /** The language servers that the extension runs: numbers of processes with this run's home folder. */
  languageServers() {
    const read = (pid, name) => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0');
      } catch {
        // It has ended, or is somebody else's.
        return [];
      }
    };
    const isOurs = (pid) => read(pid, 'cmdline')[0] === this.kalc && read(pid, 'environ').includes(`HOME=${this.state}`);
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(name));
  }

  async stop() {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    if ((await Promise.race([ended, sleep(15_000, 'late')])) === 'late') {
      child.kill('SIGKILL');
      await ended;
    }
  }
}

/** A page with a workspace. */
export class Editor {
  static async open(server, workspace, profile) {
    const editor = new Editor();
    editor.server = server;
    editor.workspace = workspace;
    editor.context = await chromium.launchPersistentContext(profile, {
      ...CHROMIUM,
      viewport: { width: 1000, height: 620 },
    });
    editor.page = await editor.context.newPage();
    editor.page.setDefaultTimeout(PATIENCE);
    return editor;
  }

  async close() {
    await this.context.close();
  }

  /** Loads the editor with one file of the workspace. */
  async load(file) {
    const authority = `127.0.0.1:${this.server.port}`;
    const open = [['openFile', `vscode-remote://${authority}${path.join(this.workspace, file)}`]];
    const query = new URLSearchParams({ folder: this.workspace, payload: JSON.stringify(open) });
    await this.page.goto(`http://${authority}/?${query}`);
    await this.page.locator('.monaco-editor .view-line').first().waitFor();
    // The explorer only takes room.
    await this.page.locator('.part.sidebar').waitFor();
    await this.page.keyboard.press('Control+b');
    await this.page.locator('.part.sidebar').waitFor({ state: 'hidden' });
  }

  /** Opens another file. */
  async file(name) {
    await this.quickInput('Control+p', name);
    await this.page.locator(`.tab.active[data-resource-name="${path.basename(name)}"]`).waitFor();
    await this.line('').first().waitFor();
  }

  /** Closes every editor but one, wherever it is. */
  async closeOthers(name) {
    const tabs = this.page.locator('.tab');
    await this.page.locator(`.tab[data-resource-name="${name}"]`).first().click();
    await this.command('View: Close Editors in Other Groups');
    await this.command('View: Close Other Editors in Group');
    await this.eventually('one tab', async () => (await tabs.count()) === 1);
    await this.line('').first().waitFor();
  }

  /** Runs a command of the palette by its whole title. */
  async command(title) {
    await this.quickInput('F1', `>${title}`, title);
  }

  /**
   * Types into the box on top and takes the entry of that name. `key` opens the box, which closes again
   * if something else takes the focus in that moment; then it is opened anew.
   */
  async quickInput(key, text, wanted = text) {
    const input = this.page.locator('.quick-input-widget input.input');
    const label = this.page.locator('.quick-input-list .label-name').getByText(path.basename(wanted), { exact: true });
    await this.eventually(`${text} in the box`, async () => {
      try {
        if (!(await input.isVisible())) {
          await this.page.keyboard.press(key);
        }
        await input.fill(text, { timeout: 1000 });
        await label.first().click({ timeout: 5000 });
        return true;
      } catch (error) {
        if (error.name !== 'TimeoutError') {
          throw error;
        }
        return false;
      }
    });
    // It has closed, or shows the next choice.
    await this.eventually('the end of the box', async () => !(await input.isVisible()) || (await input.inputValue()) !== text);
  }

  /** Takes an entry of a list of choices that is open. */
  async pick(label) {
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click();
  }

  /** Lines of the active editor that hold a text. */
  line(text) {
    return this.page.locator('.editor-group-container.active .editor-instance .view-line', { hasText: text });
  }

  /** The text of the active editor, as far as it is in sight. */
  async text() {
    const lines = await this.line('').evaluateAll((all) =>
      all.map((line) => [parseFloat(line.style.top), line.textContent.replaceAll('\u00a0', ' ')]),
    );
    return lines.sort((a, b) => a[0] - b[0]).map(([, text]) => text).join('\n');
  }

  /** Where a word stands on the screen: the line that holds `line`, there the word. */
  async place(line, word) {
    const found = this.line(line).first();
    await found.waitFor();
    const box = await found.evaluate((element, word) => {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const at = node.textContent.replaceAll('\u00a0', ' ').indexOf(word);
        if (at >= 0) {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          const { x, y, width, height } = range.getBoundingClientRect();
          return { x, y, width, height };
        }
      }
      return undefined;
    }, word);
    if (box === undefined) {
      throw new Error(`${word} is not in one piece in the line of ${line}`);
    }
    return { x: box.x + box.width / 2, y: box.y + box.height / 2, end: box.x + box.width };
  }

  /**
   * Points at a word until what appears is as wanted, and reads it: the text may move away under the pointer, as it does for
   * a lens, and findings may come later than the page of a keyword.
   */
  async hover(line, word, wanted) {
    const contents = this.page.locator('.monaco-hover:not(.hidden) .hover-contents');
    let text = '';
    await this.eventually(`a hover at ${word} with ${wanted}`, async () => {
      const { x, y } = await this.place(line, word);
      await this.page.mouse.move(x + 2, y);
      await this.page.mouse.move(x, y);
      const end = Date.now() + 3000;
      while (Date.now() < end) {
        text = (await contents.allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
        if (wanted.test(text)) {
          return true;
        }
        await sleep(50);
      }
      await this.leaveHover();
      return false;
    });
    return text;
  }

  async leaveHover() {
    await this.page.mouse.move(5, 300);
    await this.page.keyboard.press('Escape');
  }

  /** Puts the cursor into a word. */
  async click(line, word) {
    const { x, y } = await this.place(line, word);
    await this.page.mouse.click(x, y);
  }

  /** Puts the cursor behind the end of a line. */
  async clickEnd(line, word) {
    await this.click(line, word);
    await this.page.keyboard.press('End');
  }

  /** Opens the list of fixes at a word and reads it. */
  async fixes(line, word) {
    const rows = this.page.locator('.action-widget:not(.action-list-submenu-panel) .monaco-list-row.action');
    await this.eventually(`fixes at ${word}`, async () => {
      await this.click(line, word);
      await this.page.keyboard.press('Control+.');
      return rows
        .first()
        .waitFor({ timeout: 3000 })
        .then(() => true)
        .catch(() => this.page.keyboard.press('Escape'));
    });
    return (await rows.allInnerTexts()).map((text) => text.trim());
  }

  async takeFix(title) {
    const rows = this.page.locator('.action-widget:not(.action-list-submenu-panel) .monaco-list-row.action');
    await rows.filter({ hasText: title }).first().click();
  }

  /** What the editor complains of. */
  async notifications() {
    const shown = this.page.locator('.notifications-toasts .notification-list-item', {
      has: this.page.locator('.codicon-error, .codicon-warning'),
    });
    return shown.allInnerTexts();
  }

  /** Waits until something holds. */
  async eventually(what, holds) {
    const end = Date.now() + PATIENCE;
    while (!(await holds())) {
      if (Date.now() > end) {
        throw new Error(`it never came: ${what}`);
      }
      await sleep(50);
    }
  }

  /** Saves a picture. */
  async shot(file) {
    await sleep(300);
    await this.page.screenshot({ path: file, animations: 'disabled' });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
