/** `node first-call.ts FILE small|engine`: prints the milliseconds from bytes to component, to instance, and to the end of the first call. The process is new: all is cold. */
import {readFile} from 'node:fs/promises';
import {load} from '@forgeone/wasm';
import {engineHost, handle, save, smallHost} from './hosts.ts';

const [file = '', kind] = process.argv.slice(2);
const bytes = await readFile(file);
const start = performance.now();
const component = await load(bytes);
const loaded = performance.now() - start;
const instance = await component.instantiate(kind === 'small' ? smallHost : engineHost(component.imports));
const instantiated = performance.now() - start;
if (kind === 'small') save(instance.exports);
else handle(instance.exports);
const called = performance.now() - start;
console.log(JSON.stringify({loaded, instantiated, called}));
