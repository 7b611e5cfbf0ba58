// What a user does and must see, in order.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const STATUS = '.statusbar-item[id="kalc-dev.kalc.kalc"]';

async function status(editor) {
  const item = editor.page.locator(STATUS);
  return (await item.count()) === 0 ? '' : (await item.innerText()).trim();
}

export const steps = {
  /** Two hosts disagree; only a look at both files shows it. */
  async squiggle({ editor }) {
    await editor.page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    await editor.eventually('the status bar', async () => (await status(editor)) === 'kalc');
    // Who is master here, above the instance.
    await editor.page.locator('.codelens-decoration', { hasText: 'a (150) and b (100)' }).waitFor();
  },

  async hover({ editor, picture }) {
    assert.match(await editor.hover('auth_pass', 's3cret17', /KA601/), /not the one of its peer/);
    await editor.leaveHover();
    assert.match(await editor.hover('advert_int', 'advert_int', /KA602/), /every 2 s, its peer in a every 1 s/);
    await picture('findings');
    await editor.leaveHover();
    const keyword = await editor.hover('virtual_router_id', 'virtual_router_id', /1\.\.255/);
    assert.match(keyword, /same on all of/);
    await picture('hover');
    await editor.leaveHover();
  },

  async colours({ editor }) {
    const colour = (word) =>
      editor.page.evaluate((word) => {
        const spans = [...document.querySelectorAll('.view-line span span')];
        const found = spans.find((span) => span.textContent.replaceAll('\u00a0', ' ').trim() === word);
        return found === undefined ? undefined : getComputedStyle(found).color;
      }, word);
    const colours = await Promise.all(['vrrp_instance', 'database', 'state', 'BACKUP', '71'].map(colour));
    assert.ok(colours.every((found) => found !== undefined), JSON.stringify(colours));
    assert.ok(new Set(colours).size >= 3, JSON.stringify(colours));
  },

  async completion({ editor, picture }) {
    await editor.clickEnd('garp_master_refresh', 'garp_master_refresh');
    await editor.page.keyboard.press('Enter');
    await editor.page.keyboard.type('unicast');
    const rows = editor.page.locator('.suggest-widget.visible .monaco-list-row');
    await editor.eventually('suggestions', async () => {
      const labels = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
      return labels.some((label) => label.startsWith('unicast_peer'));
    });
    const labels = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
    assert.ok(!labels.some((label) => label.startsWith('real_server')), labels.join('\n'));
    await editor.page.keyboard.press('Control+Space');
    await editor.page.locator('.suggest-details', { hasText: 'unicast_peer' }).waitFor();
    await picture('completion');
    await editor.page.keyboard.press('Escape');
    await editor.page.keyboard.press('Escape');
    for (const _ of 'unicast') {
      await editor.page.keyboard.press('Backspace');
    }
    await editor.page.keyboard.type('state ');
    await editor.page.keyboard.press('Control+Space');
    await editor.eventually('values', async () => {
      const values = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
      return values.length === 2 && values[0].startsWith('MASTER') && values[1].startsWith('BACKUP');
    });
    await editor.page.keyboard.press('Escape');
    await editor.command('File: Revert File');
  },

  /** A whole block at the level of the file: the first place is typed over, the second one has a list. */
  async skeleton({ editor }) {
    await editor.click('global_defs', 'global_defs');
    await editor.page.keyboard.press('Control+End');
    await editor.page.keyboard.type('vrrp_in');
    const label = editor.page.locator('.suggest-widget.visible .monaco-list-row .label-name');
    await label.getByText('vrrp_instance unicast', { exact: true }).click();
    await editor.line('vrrp_instance VI_1 {').first().waitFor();
    await editor.page.keyboard.type('reserve');
    await editor.line('vrrp_instance reserve {').first().waitFor();
    await editor.page.keyboard.press('Tab');
    await editor.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'MASTER' }).first().waitFor();
    await editor.page.keyboard.press('Escape');
    await editor.page.keyboard.press('Escape');
    await editor.page.keyboard.press('Control+End');
    await editor.line('unicast_peer {').first().waitFor();
    await editor.command('File: Revert File');
    await editor.page.keyboard.press('Control+Home');
    await editor.line('vrrp_instance database').first().waitFor();
    await editor.eventually('the file as it was', async () => !(await editor.text()).includes('reserve'));
  },

  /** What the file means, beside it, as JSON that was made of the text as it is. */
  async meaning({ editor, picture }) {
    await editor.command('kalc: Show what this file means (IR)');
    const json = editor.page.locator('.editor-group-container').nth(1).locator('.editor-instance');
    await json.locator('.view-line', { hasText: '"garp_master_delay_us": 5000000' }).first().waitFor();
    const language = editor.page.locator('.tab[data-resource-name="keepalived.conf.json"]');
    assert.equal(await language.count(), 1);
    await picture('meaning');
    await editor.closeOthers('keepalived.conf');
  },

  /** The page of a rule, by the link of its code and by the fix. */
  async explanation({ editor, picture }) {
    await editor.hover('advert_int', 'advert_int', /KA602/);
    await editor.page.locator('.monaco-hover a.code-link', { hasText: 'KA602' }).click();
    const page = editor.page.frameLocator('iframe.webview.ready').frameLocator('iframe');
    await page.locator('h1', { hasText: 'KA602' }).waitFor();
    await editor.closeOthers('keepalived.conf');
    const titles = await editor.fixes('auth_pass', 's3cret17');
    assert.ok(titles.includes('Explain KA601'), titles.join('\n'));
    await editor.takeFix('Explain KA601');
    await page.locator('h1', { hasText: 'KA601' }).waitFor();
    assert.ok((await page.locator('pre').count()) > 0, 'a page without examples');
    await picture('explanation');
    await editor.closeOthers('keepalived.conf');
  },

  /** Without a program the user is told, and how to go on; with one everything comes back by itself. */
  async missing({ editor, configure, picture }) {
    configure({ 'kalc.path': '~/nowhere/kalc' });
    const told = editor.page.locator('.notification-list-item', { hasText: 'there is no such program' });
    await told.waitFor();
    assert.match(await told.innerText(), /~\/nowhere\/kalc/);
    await told.getByText('Open settings').waitFor();
    await editor.eventually('a warning in the status bar', async () => (await status(editor)) === 'kalc: not found');
    await editor.eventually('no squiggles', async () => (await editor.page.locator('.squiggly-error').count()) === 0);
    await picture('missing');
    configure({});
    await editor.eventually('the status bar', async () => (await status(editor)) === 'kalc');
    await editor.page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    await editor.command('Notifications: Clear All Notifications');
  },

  async restart({ editor, server }) {
    const [before, ...more] = server.languageServers();
    assert.ok(before !== undefined && more.length === 0, 'one language server');
    await editor.command('kalc: Restart the language server');
    await editor.eventually('another language server', () => {
      const now = server.languageServers();
      return now.length === 1 && now[0] !== before;
    });
    await editor.eventually('the status bar', async () => (await status(editor)) === 'kalc');
    await editor.hover('auth_pass', 's3cret17', /KA601/);
    await editor.leaveHover();
  },

  /** Settings reach a server that runs. */
  async rules({ editor, configure }) {
    configure({ 'kalc.rules': { KA6: 'off' } });
    await editor.eventually('silence', async () => (await editor.page.locator('.squiggly-error').count()) === 0);
    // It is no gap between two checks.
    await editor.page.waitForTimeout(1000);
    assert.equal(await editor.page.locator('.squiggly-error').count(), 0);
    configure({});
    await editor.page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
  },

  /** A fix is offered, made, and what it was for is gone. */
  async fix({ editor, picture }) {
    await editor.file('misspelt-block.conf');
    await editor.page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    const titles = await editor.fixes('virtual_ipadress', 'virtual_ipadress');
    const fix = titles.find((title) => title.includes('virtual_ipaddress'));
    assert.ok(fix !== undefined, titles.join('\n'));
    assert.ok(titles.some((title) => title.startsWith('Explain KA')), titles.join('\n'));
    await picture('fix');
    await editor.takeFix(fix);
    await editor.line('virtual_ipaddress {').first().waitFor();
    await editor.eventually('no squiggle', async () => (await editor.page.locator('.squiggly-error').count()) === 0);
    assert.ok(!(await editor.text()).includes('virtual_ipadress'));
    await picture('fixed');
  },

  /** The layout of kalc fmt. */
  async format({ editor, workspace, kalc }) {
    const file = path.join(workspace, 'untidy.keepalived.conf');
    await editor.file('untidy.keepalived.conf');
    await editor.page.locator('.squiggly-warning, .squiggly-info, .squiggly-error').first().waitFor({ state: 'attached' });
    await editor.command('kalc: Format this file');
    await editor.line('    state BACKUP').first().waitFor();
    await editor.command('File: Save');
    await editor.eventually('a file that kalc fmt likes', () => spawnSync(kalc, ['fmt', '--check', file]).status === 0);
  },

  /** Under a configuration id only its lines count; the choice stays with the workspace. */
  async configurationId({ editor, workspace }) {
    await editor.file('shared.keepalived.conf');
    await editor.page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    const choose = async (id) => {
      await editor.command('kalc: Choose the configuration id');
      await editor.pick(id);
    };
    await choose('two');
    await editor.eventually('the id in the status bar', async () => (await status(editor)) === 'kalc @two');
    await editor.eventually('no error', async () => (await editor.page.locator('.squiggly-error').count()) === 0);
    const kept = JSON.parse(readFileSync(path.join(workspace, '.vscode/settings.json'), 'utf8'));
    assert.equal(kept['kalc.configId'], 'two');
    await choose('one');
    await editor.page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    await choose('every id');
    await editor.eventually('no id in the status bar', async () => (await status(editor)) === 'kalc');
  },
};
