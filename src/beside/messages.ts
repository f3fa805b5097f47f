/** What the two threads tell each other: plain data. */
import type { Inputs } from '../cache/contracts.js';
import type { Extracted, Report } from '../extract.js';

export interface Task {
  inputs: Inputs;
  debug: boolean | undefined;
}

export type Message = { progress: Parameters<Report> } | { extracted: Extracted };
