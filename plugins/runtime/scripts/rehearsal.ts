/** Makes `lib/rehearsal.wasm`: what a cell runs while it waits for its task. */
import {readFile, writeFile} from 'node:fs/promises';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';

const text = await readFile(new URL('../src/cell/rehearsal.wat', import.meta.url), 'utf8');
await writeFile(new URL('../lib/rehearsal.wasm', import.meta.url), await parse(text));
