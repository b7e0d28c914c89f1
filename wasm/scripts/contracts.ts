/** Makes `dist/contracts.wasm`: a component that imports every interface of `wit` and does nothing. Its types can be read at run time, by `signature`. */
import {writeFile} from 'node:fs/promises';
import {componentEmbed, componentNew} from '@bytecodealliance/jco-transpile/wasm-tools';
import {source} from './source.ts';

const {text} = await source();
const component = await componentNew(await componentEmbed({dummy: true, witSource: text, world: 'contracts'}));
await writeFile(new URL('../dist/contracts.wasm', import.meta.url), component);
