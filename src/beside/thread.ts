/** What runs in the thread that `start.ts` starts. */
import { parentPort, workerData } from 'node:worker_threads';
import { extract } from '../extract.js';
import type { Message, Task } from './messages.js';

const tell = (message: Message): void => parentPort?.postMessage(message);
const { inputs, debug } = workerData as Task;

tell({ extracted: await extract(inputs, { debug, report: (...progress) => tell({ progress }) }) });
