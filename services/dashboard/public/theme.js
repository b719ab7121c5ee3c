// Before the first paint, so that a page that was set to dark does not flash.
const theme = localStorage.getItem('kpi-theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
