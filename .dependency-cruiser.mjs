/**
 * The directions in which modules may know each other. Each rule says what would go wrong without it.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from: { path: from }, to: { path: '^src/', pathNot: to } });

const FACTS = '^src/facts/';
const CONTRACT = '^src/contract/';
const SHARED = '^src/shared/';

export default {
  forbidden: [
    {
      name: 'no-circle-between-folders',
      comment:
        'Parts that need each other can only be understood and tested together. Inside one folder functions may be mutually recursive.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { circular: true, via: { pathNot: '^src/$1/' } },
    },
    {
      name: 'no-unresolved',
      comment: 'An import that leads nowhere fails at the user.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-dependency',
      comment: 'What is not installed with the package cannot be imported from it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-tests-in-sources',
      comment: 'Tests and fixtures are not shipped.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|fixtures|bench)/' },
    },
    {
      name: 'one-door-to-the-parser',
      comment: 'Trees live outside the JavaScript heap and must be freed; one file does that, and another parser can take its place there.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/syntax/parser\\.ts$' },
      to: { path: 'node_modules/web-tree-sitter' },
    },
    {
      name: 'nodes-stay-in-syntax',
      comment:
        'Behind the facts nobody may depend on how a grammar names its nodes: the parser is only started and reached from the pipeline.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(syntax/|extract\\.ts$)' },
      to: { path: '^src/syntax/' },
    },
    only(
      'facts-know-nothing',
      'What is written in a file does not change with the files beside it: its facts depend on nothing but its text.',
      FACTS,
      FACTS,
    ),
    only(
      'contract-knows-nothing',
      'The contract is public and language-neutral; it must not change with how it is extracted.',
      CONTRACT,
      `${CONTRACT}|${SHARED}`,
    ),
    only('shared-knows-nothing', 'What everybody uses may use nobody.', SHARED, `${SHARED}|${FACTS}types\\.ts|${CONTRACT}types\\.ts`),
    only(
      'project-reads-files-only',
      'Finding files and reading manifests must not depend on what is in the sources.',
      '^src/project/',
      `^src/project/|${SHARED}|${FACTS}types\\.ts|${CONTRACT}types\\.ts`,
    ),
    only(
      'syntax-knows-no-framework',
      'A fact says what was written, never what it means.',
      '^src/syntax/',
      `^src/syntax/|${FACTS}|${SHARED}`,
    ),
    only(
      'program-knows-no-framework',
      'Names, constants and summaries are the same for every framework.',
      '^src/program/',
      `^src/program/|${FACTS}|${SHARED}|${CONTRACT}types\\.ts|^src/project/types\\.ts`,
    ),
    only(
      'packs-are-data',
      'Vocabulary gives names their meaning as values of the program; a pack that knew a framework or a check would be code in disguise.',
      '^src/packs/',
      `^src/packs/|^src/program/|${SHARED}|${FACTS}|${CONTRACT}types\\.ts`,
    ),
    only(
      'frameworks-emit-no-findings',
      'A framework says what an application does. Whether that is a fault is decided by comparing, in the same way for all.',
      '^src/frameworks/',
      `^src/frameworks/|^src/program/|^src/packs/|^src/infer/|${FACTS}|${CONTRACT}|${SHARED}|^src/project/(types|versions)\\.ts`,
    ),
    only(
      'infer-knows-no-framework',
      'Guards and outcomes are inferred by one code for both languages and all frameworks: it sees what all of them give, never one of them.',
      '^src/infer/',
      `^src/infer/|^src/frameworks/[^/]+\\.ts$|^src/program/|^src/packs/|${FACTS}|${CONTRACT}|${SHARED}`,
    ),
    only(
      'cache-keeps-contracts',
      'What is kept is found by what it was made from, without anything that makes it: a run that finds it loads no more than this.',
      '^src/cache/',
      `^src/cache/|^src/project/types\\.ts|^src/packs/load\\.ts|${CONTRACT}|${FACTS}types\\.ts|${SHARED}`,
    ),
    only(
      'match-sees-contracts-only',
      'Pairing must work on any two contracts, also on ones read from JSON.',
      '^src/match/',
      `^src/match/|^src/findings/types\\.ts|${CONTRACT}|${SHARED}`,
    ),
    only(
      'checks-see-contracts-only',
      'A check that looked at syntax would hold for one framework only.',
      '^src/checks/',
      `^src/checks/|^src/match/|^src/findings/|${CONTRACT}|${SHARED}`,
    ),
    only(
      'findings-see-no-reports',
      'A fingerprint must not change with how a finding is printed.',
      '^src/findings/',
      `^src/findings/|${CONTRACT}|${SHARED}`,
    ),
    only(
      'reports-print',
      'A report is a function of the result; the same result gives the same report anywhere.',
      '^src/report/',
      `^src/report/|^src/checks/|^src/findings/|^src/probe/(types|judge)\\.ts|${CONTRACT}|${SHARED}`,
    ),
    only(
      'probe-asks-by-the-contract',
      'What is asked of running servers, and what an answer says, follows from contracts and findings; how they came about must not matter.',
      '^src/probe/',
      `^src/probe/|^src/findings/|${CONTRACT}|${SHARED}`,
    ),
    {
      name: 'reports-read-no-files',
      comment: 'The sources that a report quotes are part of the result; a file may have changed since, or lie on another machine.',
      severity: 'error',
      from: { path: '^src/(report|checks|match|findings|infer|program|contract|facts)/' },
      to: { path: '^(node:)?(fs|fs/promises|child_process|net|http|https)$' },
    },
    {
      name: 'nothing-knows-the-command-line',
      comment: 'All of it can be used as a library and tested without a process.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'one-place-runs-the-pipeline',
      comment: 'The order of the phases is written down once.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/run\\.ts$' },
    },
    {
      name: 'one-place-makes-contracts',
      comment: 'Whoever made one beside the pipeline would go past the cache, and load the parser and the evaluator with it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(run|beside/thread)\\.ts$' },
      to: { path: '^src/extract\\.ts$', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
