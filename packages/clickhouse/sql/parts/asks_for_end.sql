{churn_recognition:String} = 'cancellation' AND cancel_at IS NOT NULL
