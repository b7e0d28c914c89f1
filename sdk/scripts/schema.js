// Publishes the schema of the configuration, for editors.
import {writeFile} from 'node:fs/promises';
import {editorSchema} from '../dist/config/editor.js';

await writeFile(new URL('../dist/forge.config.schema.json', import.meta.url), JSON.stringify(await editorSchema(), undefined, '\t'));
