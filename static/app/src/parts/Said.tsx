// A sentence from the backend: what stands in `backticks` is a name from the document.

export function Said({ text }: { text: string }) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part));
}
