/** Builds `dist/audit.wasm`; writes the bindings to `src/bindings` too, for an editor to read. */
import {mkdir, writeFile} from 'node:fs/promises';
import {bind, build, readWit} from '@forgeone/sdk/bindgen';

const here = import.meta.dirname;
const contracts = ['kernel', 'storage', 'security'].map(name => `${here}/../../../wasm/wit/${name}.wit`);
const sink = {source: `${here}/src/audit.ts`, wit: await readWit(`${here}/world.wit`, ...contracts)};

await bind(sink);
await mkdir(`${here}/../dist`, {recursive: true});
await writeFile(`${here}/../dist/audit.wasm`, await build(sink));
