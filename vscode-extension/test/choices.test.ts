import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, configIdChoices } from '../src/choices';
import { look } from '../src/status';

test('rules that speak, each once, in order', () => {
  const found = [
    { source: 'kalc', code: 'KA401', message: 'too long\nhelp: shorter' },
    { source: 'other', code: 'X1', message: 'no' },
    { source: 'kalc', code: { value: 'KA601' }, message: 'differs' },
    { source: 'kalc', code: 'KA401', message: 'again' },
    { source: 'kalc', message: 'a note without a rule' },
    { source: 'kalc', code: 7, message: 'no rule' },
  ];
  assert.deepEqual(codes(found), [
    { code: 'KA401', message: 'too long' },
    { code: 'KA601', message: 'differs' },
  ]);
});

test('ids that a file names, and none, with a mark at the chosen one', () => {
  const choices = configIdChoices({ ids: ['web1', 'web2'], chosen: 'web2' }, '');
  assert.deepEqual(choices.map(({ id }) => id), ['', 'web1', 'web2']);
  assert.deepEqual(choices.map(({ description }) => description.includes('chosen')), [false, false, true]);
  const none = configIdChoices({ ids: ['web1'], chosen: null }, '');
  assert.equal(none[0]?.description, 'chosen');
});

test('an id that was chosen for other files can still be seen', () => {
  const choices = configIdChoices({ ids: ['a'], chosen: null }, 'web9');
  assert.deepEqual(choices.map(({ id }) => id), ['', 'a', 'web9']);
  assert.match(choices[2]?.description ?? '', /chosen, which this file does not name/);
});

test('the status bar says what is running and under which id', () => {
  const running = { is: 'running', version: '0.1.0', program: '/usr/bin/kalc', configId: '' } as const;
  assert.equal(look(running).text, '$(check) kalc');
  assert.match(look({ ...running, configId: 'web1' }).text, /@web1/);
  assert.match(look({ ...running, configId: 'web1' }).tooltip, /kalc 0\.1\.0\n\/usr\/bin\/kalc\n.*web1/);
  assert.equal(look({ is: 'missing', why: 'x' }).level, 'warning');
  assert.equal(look({ is: 'stopped', why: 'y' }).tooltip, 'y');
});
