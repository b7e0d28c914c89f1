// Makes the guest that the suites of the test kit run.
import {writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {build} from '../dist/bindgen/index.js';

const [source, wit] = ['guest/index.ts', 'guest/wit'].map(path => fileURLToPath(new URL(path, import.meta.url)));
await writeFile(new URL('../dist/testing/guest.wasm', import.meta.url), await build({source, wit, runtime: 'minimal'}));
