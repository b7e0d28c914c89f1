/**
 * `node componentize.ts SOURCE WIT OUT`: makes a component of JavaScript in StarlingMonkey.
 * A program of its own, as the tool hands its standard streams to a child, which a worker thread has not got.
 */
import {readFile, writeFile} from 'node:fs/promises';
import {componentize} from '@bytecodealliance/componentize-js';

const [source, wit, out] = process.argv.slice(2) as [string, string, string];
const text = await readFile(source, 'utf8');
// A program either listens for the event or exports the handler itself. The types ask for a path even where the source is handed over as text.
const options = {disableFeatures: text.includes("addEventListener('fetch'") ? [] : ['fetch-event']} as Parameters<typeof componentize>[2];
const {component} = await componentize(text, await readFile(wit, 'utf8'), options);
await writeFile(out, component);
