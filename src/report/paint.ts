/** The colours that text reports use. An instance of chalk is one; `plain` leaves everything as it is. */
export interface Paint {
  bold: (s: string) => string;
  dim: (s: string) => string;
  red: (s: string) => string;
  yellow: (s: string) => string;
  green: (s: string) => string;
  blue: (s: string) => string;
  cyan: (s: string) => string;
}

const same = (s: string): string => s;
export const plain: Paint = { bold: same, dim: same, red: same, yellow: same, green: same, blue: same, cyan: same };

/** `1 file`, `2 files`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
