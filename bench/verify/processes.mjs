/** Child processes: short ones with a time limit, and servers that are stopped whatever happens. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const running = new Set();

/** Runs a command to its end; what it prints goes to a file and is shown when it fails. */
export async function command(file, args, { cwd, env, log, seconds }) {
  const out = openSync(log, 'w');
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', out, out] });
  running.add(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  const code = await new Promise(done => {
    child.once('error', () => done('not found'));
    child.once('exit', (status, signal) => done(status ?? signal));
  });
  clearTimeout(timer);
  running.delete(child);
  closeSync(out);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')}: ${code}\n${tail(log)}`);
}

/** A port of the loopback address that nobody uses. */
export async function freePort() {
  const server = createServer();
  await new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise(done => server.close(done));
  return port;
}

/** Starts a server and waits until it answers. */
export async function serve(file, args, { cwd, env, log, url, seconds }) {
  const out = openSync(log, 'w');
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', out, out] });
  closeSync(out);
  running.add(child);
  let ended;
  child.once('error', error => (ended = error.message));
  child.once('exit', (status, signal) => ((ended = `ended with ${status ?? signal}`), running.delete(child)));
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until && ended === undefined) {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer && answer.status < 500) return child;
    await new Promise(done => setTimeout(done, 100));
  }
  throw new Error(`${file} ${args.join(' ')} does not answer: ${ended ?? `nothing within ${seconds} s`}\n${tail(log)}`);
}

/** A helper that does something for each line that it is sent, and says so in a line of its own. */
export async function helper(file, args) {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8');
  const waiting = [];
  let rest = '';
  child.stdout.on('data', text => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const _ of lines) waiting.shift()?.done();
  });
  child.once('exit', code => {
    running.delete(child);
    for (const { fail } of waiting.splice(0)) fail(new Error(`${args.join(' ')} ended with ${code}`));
  });
  const line = () => new Promise((done, fail) => waiting.push({ done, fail }));
  await line();
  return () => {
    const answer = line();
    child.stdin.write('\n');
    return answer;
  };
}

/** Ends everything that was started here, and nothing else. */
export async function stopAll() {
  await Promise.all(
    [...running].map(async child => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise(done => child.once('exit', done));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await gone;
      clearTimeout(timer);
    }),
  );
}

const tail = log => readFileSync(log, 'utf8').split('\n').slice(-30).join('\n');
