import { render } from 'preact';

import { App } from './app.tsx';

const place = document.getElementById('app');
if (place === null) throw new TypeError('the page has no #app');
render(<App />, place);
