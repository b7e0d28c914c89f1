// Publishes the schema of the configuration, for editors.
import {writeFile} from 'node:fs/promises';
import {Config} from '../dist/config/schema.js';

await writeFile(new URL('../dist/forge.config.schema.json', import.meta.url), JSON.stringify(Config, undefined, '\t'));
