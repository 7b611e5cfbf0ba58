// How the system's Chromium is started here.
import { existsSync } from 'node:fs';

const programs = [process.env.KALC_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const CHROMIUM = {
  executablePath: programs.find((program) => program !== undefined && existsSync(program)),
  headless: true,
  // It only ever sees pages from this machine; as root, as in containers, it does not start with its sandbox.
  args: [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--force-color-profile=srgb',
    '--font-render-hinting=none',
  ],
};
