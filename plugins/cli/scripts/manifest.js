// Writes down what each command takes, so that `forge` loads only the one that it runs.
import {rm, writeFile} from 'node:fs/promises';
import {Config} from '@oclif/core/config';
import {program} from '../lib/program.js';

const file = new URL('../lib/oclif.manifest.json', import.meta.url);
await rm(file, {force: true});
const config = await Config.load(program);
const [plugin] = config.plugins.values();
await writeFile(file, JSON.stringify(plugin.manifest));
