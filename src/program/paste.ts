/**
 * `paste! { [<get_ $name:snake>] }`: identifiers made of parts. The crates paste and pastey document the form and its modifiers;
 * the text between is left as it is.
 */
const PASTED = /\[<([^[\]]*?)>\]/g;

const words = (s: string): string[] =>
  s
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .split('_')
    .filter(Boolean);

const MODIFIERS: Record<string, (s: string) => string> = {
  __proto__: null as never,
  lower: s => s.toLowerCase(),
  upper: s => s.toUpperCase(),
  snake: s => words(s).join('_').toLowerCase(),
  camel: s =>
    words(s)
      .map(w => w.charAt(0).toUpperCase() + w.slice(1).toLowerCase())
      .join(''),
};

/** The names of the macro, and what it makes of the text inside its delimiters. */
export const PASTE = new Set(['paste', 'item', 'pastey']);

export const paste = (text: string): string =>
  text.replace(PASTED, (_all, inner: string) =>
    inner
      .trim()
      .split(/\s+(?!:)/)
      .map(part => {
        const [name = '', ...modifiers] = part.split(/\s*:\s*/);
        return modifiers.reduce((s, m) => MODIFIERS[m]?.(s) ?? s, name.replace(/^r#|^"|"$/g, ''));
      })
      .join(''),
  );
