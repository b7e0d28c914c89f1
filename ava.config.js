/** Tests are TypeScript that Node runs as it is; a guest that must be built first may take a while. */
export default {
	files: ['test/**/*.test.ts', 'templates/*/test/**/*.test.ts'],
	extensions: ['ts'],
	timeout: '3m',
	concurrency: 2,
};
