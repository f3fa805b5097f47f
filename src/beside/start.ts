/** Makes the contract of one side in a thread of its own, while the calling one makes that of the other. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Inputs } from '../cache/contracts.js';
import type { Extracted, ExtractOptions } from '../extract.js';
import type { Message, Task } from './messages.js';

/** Megabytes, of which node keeps 192 KB for itself: code may nest as deep here as in the main thread, which has 984 KB. */
const STACK = (984 + 192) / 1024;

/** As `extract`. `report` is heard when the calling thread rests. Rejects where the thread ends without a contract. */
export function extractBeside(inputs: Inputs, { debug, report }: ExtractOptions): Promise<Extracted> {
  const task: Task = { inputs, debug };
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: task,
      resourceLimits: { stackSizeMb: STACK },
    });
    thread.once('error', reject);
    thread.once('exit', code => reject(new Error(`the thread of the ${inputs.language} side ended with ${String(code)}`)));
    thread.on('message', (message: Message) => {
      if ('progress' in message) report?.(...message.progress);
      else resolve(message.extracted);
    });
  });
}
