import {type Document, parseDocument} from 'yaml';

/** What a YAML text says, with the place of each of its parts; JSON is YAML too. Throws in one line, with line and column. */
export function documentOf(text: string): Document.Parsed {
	const document = parseDocument(text, {logLevel: 'error', merge: true});
	const [error] = document.errors;
	if (error) throw new Error(error.message.split('\n')[0]?.replace(/:$/, ''), {cause: error});
	return document;
}
