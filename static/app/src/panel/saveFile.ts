// Hands a text to the browser as a file to be saved, byte for byte as it came.

import type { Exported } from '../api/generated';

export function saveFile({ name, text }: Exported): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
