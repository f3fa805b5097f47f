/**
 * Rust as the grammar reads it. It knows no `dyn` in a `where` clause (`where dyn Store: Send`), and loses the whole item with it; the
 * word is blank in what is parsed, so that every place stays what it was.
 */
const BOUND = /(?<=(?:\bwhere|,)\s{1,80})dyn(?=\s[\w:\s]{1,200}(?:<[^{};]{0,300}?>)?\s*:(?!:))/g;

export const readable = (text: string): string => (/\bwhere\s/.test(text) && text.includes('dyn ') ? text.replace(BOUND, '   ') : text);
