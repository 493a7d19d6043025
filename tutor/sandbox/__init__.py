"""Other people's code run in processes of its own, behind the layers that the system offers."""
