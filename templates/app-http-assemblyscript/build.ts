/** Builds `build/app.wasm` of `src/app.ts`; writes the bindings to `src/bindings` too, for an editor to read. */
import {mkdir, writeFile} from 'node:fs/promises';
import {bind, build} from '@forgeone/sdk/bindgen';

const here = import.meta.dirname;
const app = {source: `${here}/src/app.ts`, wit: `${here}/wit`};

await bind(app);
// The smallest collector is enough: it works after each request.
const component = await build({...app, runtime: 'minimal'});
await mkdir(`${here}/build`, {recursive: true});
await writeFile(`${here}/build/app.wasm`, component);
console.log(`build/app.wasm: ${component.length} bytes`);
