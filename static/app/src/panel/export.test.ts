// A case file reaches the disk as the backend wrote it: nothing on the way reads its numbers.

import { afterEach, expect, test, vi } from 'vitest';

import { exportRun } from '../api/panel';
import { saveFile } from './saveFile';

const { invoke } = vi.hoisted(() => ({ invoke: vi.fn() }));
vi.mock('@forge/bridge', () => ({ invoke }));
afterEach(() => vi.unstubAllGlobals());

test('an exported run is saved under its name, byte for byte', async () => {
  const file = { name: 'tt-a.case.json', text: '{"big":12345678901234567890,"f":1.0}' };
  invoke.mockResolvedValue({ ok: file });
  const blobs: Blob[] = [];
  const link = { href: '', download: '', click: vi.fn() };
  vi.stubGlobal('document', { createElement: () => link });
  vi.stubGlobal('URL', {
    createObjectURL: (blob: Blob) => `blob:${blobs.push(blob)}`,
    revokeObjectURL: vi.fn(),
  });

  saveFile(await exportRun('tt-a'));

  expect(invoke).toHaveBeenCalledWith('export', { run: 'tt-a' });
  expect(link).toMatchObject({ href: 'blob:1', download: file.name });
  expect(link.click).toHaveBeenCalledOnce();
  expect(await blobs[0]?.text()).toBe(file.text);
});
