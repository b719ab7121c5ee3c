/** What must be known before trained time can be compared with untrained time. */
export function TrainingMissing() {
  return (
    <section class="panel missing" aria-labelledby="training-missing">
      <h2 id="training-missing">What the comparison needs</h2>
      <ol>
        <li>
          <strong>Accounts and the time in which they are active</strong>
          <span>
            <code>billing.subscription_started</code>: time is counted while a subscription is open.
          </span>
        </li>
        <li>
          <strong>Who was trained, and when</strong>
          <span>
            <code>lms.course_completed</code>: an account is trained from the first completed
            training course of one of its people on.
          </span>
        </li>
        <li>
          <strong>Tickets</strong>
          <span>
            <code>support.ticket_created</code>, with the account or the person who asked.
          </span>
        </li>
      </ol>
      <p>
        The comparison begins by itself once there is trained and untrained time in the window, also
        with events of the past. <a href="/docs">How to send events</a>
      </p>
    </section>
  );
}
