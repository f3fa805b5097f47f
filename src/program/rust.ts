/** What only Rust has: items, `use`, paths, types, struct literals, and the conversion that `?` does. */
export { defineItems, linkImpls, useInto } from './rust-items.js';
export { memberOf, resolvePattern, rsName, rsPath, withTypes } from './rust-names.js';
export { asOwner, isWrapper, substitute, tyOf, typeOfValue } from './rust-types.js';
export { rsField, rsStruct } from './rust-fields.js';
export { convertError, convertInto, convertTo, fromOf, errorType, resultError } from './rust-errors.js';
