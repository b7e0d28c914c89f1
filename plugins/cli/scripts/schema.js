// Publishes the schema of the configuration for editors, with what the usual plugins say of theirs.
import {writeFile} from 'node:fs/promises';
import {editorSchema} from '@forgeone/sdk/config';
import {configSchemas} from '../dist/kernel.js';

const schemas = await configSchemas({config: {}, folder: import.meta.dirname});
await writeFile(new URL('../dist/forge.config.schema.json', import.meta.url), JSON.stringify(await editorSchema(schemas), undefined, '\t'));
