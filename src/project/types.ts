import type { Problem } from '../contract/types.js';
import type { Language } from '../facts/types.js';

/** One source file that was read. */
export interface SourceFile {
  /** Relative to the root, with `/`. */
  path: string;
  abs: string;
  language: Language;
  /** Decoded, without a byte order mark; line ends as they are. */
  text: string;
  /** SHA-256 of the bytes, hexadecimal. */
  hash: string;
}

export interface Discovery {
  /** Sorted by `path` (code units), so that nothing behind depends on the order of the directory. */
  files: SourceFile[];
  problems: Problem[];
  skipped: {
    /** Files that are tests, benchmarks, examples or build scripts. */
    tests: number;
    /** Files of an analysed language that are ignored by git and not tracked. */
    ignored: number;
    /** Files of the language that was not asked for. */
    otherLanguage: number;
  };
}

/** What the manifests under (or above) a root say. */
export interface Manifest {
  /**
   * Package name to version: the locked one, else the lowest that the requirement admits, else `''`. Python names are normalised
   * (lower case, `-`); crate names are as in the registry.
   */
  versions: Map<string, string>;
  /** Rust only, sorted by `dir`. */
  crates: Crate[];
  problems: Problem[];
}

export interface Crate {
  /** As in `use`: hyphens are underscores. The name of the library target, if there is one. */
  name: string;
  /** Package name in `Cargo.toml`. */
  package: string;
  /** Folder of its `Cargo.toml`, relative to the root (`''` = the root itself, `..` where the manifest lies above it). */
  dir: string;
  edition: string;
  targets: CrateTarget[];
  /** By the name in `use`. */
  dependencies: Map<string, CrateDependency>;
  /** Every declared feature, with what it enables. */
  features: Map<string, string[]>;
  /** Features that are on without any flag, by default or because another crate of the tree asks for them, with all that they enable, sorted. */
  defaultFeatures: string[];
  /** Folders below its own, such as `src/proto`, that its build script names: modules in them may be written by the build. */
  written: string[];
}

export interface CrateTarget {
  kind: 'lib' | 'bin';
  name: string;
  /** Entry file relative to the root, with `/`. */
  file: string;
}

export interface CrateDependency {
  /** Package name; differs from the key where it was renamed (`web = { package = "axum" }`). */
  package: string;
  /** As `Manifest.versions`. */
  version: string;
  /** Folder of a path dependency, relative to the root. */
  dir?: string;
  /** Name of the crate in `Manifest.crates` that a path dependency leads to. */
  crate?: string;
  features: string[];
  optional: boolean;
}
