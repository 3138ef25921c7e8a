// How many tiles stand in one row of the strip.

/** Rows of equal length, none longer than `most`: 13 in rows of at most 9 are 7 and 6. */
export function columns(tiles: number, most: number): number {
  const rows = Math.max(1, Math.ceil(tiles / most));
  return Math.ceil(tiles / rows);
}
